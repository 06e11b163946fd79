"""What do people and programs see of rules: their names, faults, and what is in force?"""
