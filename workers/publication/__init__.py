"""Events out to a topic of a broker: what speaks to brokers, and the job that publishes."""
