"""What have people said of alerts: silences and verdicts?"""
