"""Why did somebody not get an article?"""
