"""What do the commands about rules do: `check`, `test` and `rules`?"""
