"""What do people and programs see of alerts and their stories?"""
