"""How a process is put together, and which Redis it uses."""
