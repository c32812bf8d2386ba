/** The server that graphql-ws brings, for the tests of the protocol to look at as well. It prints
 * its port, and ends with its input. */
import { GraphQLError, GraphQLObjectType, GraphQLSchema, GraphQLString } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";

const [initMs, maxBytes] = process.argv.slice(2).map(Number);
const TICK_MS = 20;
const SLOW_MS = 100;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function* ticks(count) {
  for (let n = 0; n < count; n += 1) {
    yield { tick: String(n), twice: String(n) };
    await pause(TICK_MS);
  }
}

const text = (resolve) => ({ type: GraphQLString, resolve });

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: "Query",
    fields: {
      hello: text(() => "hello"),
      slow: text(() => pause(SLOW_MS).then(() => "at last")),
      failing: text(() => {
        throw new GraphQLError("it always fails");
      }),
    },
  }),
  mutation: new GraphQLObjectType({ name: "Mutation", fields: { change: text(() => "done") } }),
  subscription: new GraphQLObjectType({
    name: "Subscription",
    fields: {
      tick: { type: GraphQLString, subscribe: () => ticks(Infinity) },
      twice: { type: GraphQLString, subscribe: () => ticks(2) },
    },
  }),
});

const server = new WebSocketServer({ port: 0, host: "127.0.0.1", maxPayload: maxBytes });
useServer({ schema, connectionInitWaitTimeout: initMs }, server);
server.on("listening", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit(0)).resume();
