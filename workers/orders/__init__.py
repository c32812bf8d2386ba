"""Order logs of real shops, turned into the events that the hub takes from any shop."""
