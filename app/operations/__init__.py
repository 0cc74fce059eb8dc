"""For whoever runs the product: the doctor, commands, probes."""
