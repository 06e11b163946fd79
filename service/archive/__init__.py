"""What would rules have alerted in the articles that are kept, and what did those in force?"""
