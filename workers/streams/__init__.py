"""Messages of sources in from streams of brokers, by FastStream: what reads each kind of broker,
and the job that follows the sources."""
