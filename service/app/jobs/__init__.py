"""What does a process do again and again?"""
