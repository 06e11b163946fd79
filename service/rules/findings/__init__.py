"""What kinds of finding are there, which ones does a comment ignore, and what corrects itself?"""
