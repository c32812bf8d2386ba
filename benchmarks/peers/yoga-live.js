// GraphQL Yoga with graphql-ws on Node, as their documentations have it: each subscriber has a place
// in Yoga's own pub/sub, and what is published is executed for him. Pings of the protocol are left at their default.
//
// It prints its address and serves until it is told to end; POST /publish tells all subscribers.
import { createServer } from "node:http";

import { useServer } from "graphql-ws/use/ws";
import { createPubSub, createSchema, createYoga, Repeater } from "graphql-yoga";
import { WebSocketServer } from "ws";

const typeDefs = /* GraphQL */ `
  type Message {
    code: String!
    text: String!
  }
  type Availability {
    sku: ID!
    quantity: Float!
    status: String!
    version: Int!
    asOf: String!
    message: Message!
  }
  type AvailabilityEvent {
    kind: String!
    cursor: String!
    availability: [Availability!]!
  }
  type Query {
    nothing: Int
  }
  type Subscription {
    availability(skus: [ID!]!): AvailabilityEvent!
  }
`;

let version = 0;
function event(kind) {
  return {
    kind,
    cursor: "12345:12345:",
    availability: [
      {
        sku: "ITEM-0000002",
        quantity: 56,
        status: "IN_STOCK",
        version: version++,
        asOf: new Date().toISOString(),
        message: { code: "IN_STOCK", text: "In stock" },
      },
    ],
  };
}

const pubSub = createPubSub();
const yoga = createYoga({
  schema: createSchema({
    typeDefs,
    resolvers: {
      Subscription: {
        availability: {
          subscribe: () =>
            Repeater.merge([[event("SNAPSHOT")], pubSub.subscribe("availability")]),
          resolve: (told) => told,
        },
      },
    },
  }),
  graphiql: false,
  landingPage: false,
  logging: false,
});

const server = createServer((request, response) => {
  if (request.url === "/publish") {
    pubSub.publish("availability", event("CHANGE"));
    response.writeHead(200, { "content-length": 0 }).end();
  } else {
    yoga(request, response);
  }
});

const sockets = new WebSocketServer({ server, path: "/graphql" });
// As Yoga's documentation connects the two: operations run through its envelope.
useServer(
  {
    execute: (args) => args.rootValue.execute(args),
    subscribe: (args) => args.rootValue.subscribe(args),
    onSubscribe: async (ctx, _id, params) => {
      const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
        ...ctx,
        req: ctx.extra.request,
        socket: ctx.extra.socket,
        params,
      });
      const args = {
        schema,
        operationName: params.operationName,
        document: parse(params.query),
        variableValues: params.variables,
        contextValue: await contextFactory(),
        rootValue: { execute, subscribe },
      };
      const errors = validate(args.schema, args.document);
      return errors.length ? errors : args;
    },
  },
  sockets,
);

server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}/graphql`);
});
