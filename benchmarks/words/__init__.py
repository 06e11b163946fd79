"""How the tables of word forms that ship are made and measured."""
