/** The feed of availability, as a partner's program reads it: until an item has so many units. */
import { EventSource } from "eventsource";

const [url, sku, units] = process.argv.slice(2);
const heard = [];
const known = new Map();

const feed = new EventSource(`${url}/feeds/availability?sku=${sku}`);

feed.addEventListener("availability", ({ data, lastEventId }) => {
  const item = JSON.parse(data);
  known.set(item.sku, item);
  heard.push([item.kind, item.quantity, lastEventId]);
  if (item.quantity === Number(units)) {
    feed.close();
    console.log(JSON.stringify(heard));
  }
});

feed.addEventListener("reset", () => known.clear());
