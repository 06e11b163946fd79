"""When was an article published?"""
