"""How do other processes compile rules? What do they and this one say to each other?"""
