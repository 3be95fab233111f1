"""What is done: desired against seen gives ordered writes, and the writes are carried out."""
