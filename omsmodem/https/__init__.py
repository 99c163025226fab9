"""The hardened cheroot server: TLS contexts and their reload, deadlines, limits. The only door to cheroot."""
