"""Passwords as they are: what argon2 costs, and what it keeps, is tested with the accounts."""


class Plain:
    """A hasher that takes no time."""

    def hash(self, password: str) -> str:
        return f"plain {password}"

    def matches(self, password_hash: str, password: str) -> bool:
        return password_hash == self.hash(password)
