"""What people and programs see of alerts, deliveries, lanes and articles: data, no printing."""
