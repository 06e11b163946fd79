"""What is the article on a page of HTML, and what does the page say of itself?"""
