"""What do the commands about kept articles do?"""
