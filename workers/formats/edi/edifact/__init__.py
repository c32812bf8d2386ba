"""UN/EDIFACT: interchanges, the messages that tell of stock, and the CONTRL that answers."""
