"""Status pages for operators, and for everybody their own messages: server-rendered, no script."""
