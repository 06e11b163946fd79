"""How many deliveries a second, with receivers that are slow or dead beside them."""
