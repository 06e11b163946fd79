"""What came when, and who is quiet?"""
