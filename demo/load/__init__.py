"""The clients: real rows at a steady rate through the gateway, and a record of each answer."""
