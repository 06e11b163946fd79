"""What is kept of what people say of alerts: silences and verdicts?"""
