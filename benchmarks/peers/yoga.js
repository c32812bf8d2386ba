// GraphQL Yoga on Node's own HTTP server, as its documentation has it for production: an operation
// is parsed and validated once, there is no GraphiQL, and nothing is logged. What the hub does not do in these
// requests is off: landing page, CORS, uploads, batches. Authentication, limits and metrics, which
// the hub does, are not added.
//
// `node yoga.js ANSWERS` answers from a map, filled at the start with the list of answers in that
// file. It prints its address and serves until it is told to end.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

import { createSchema, createYoga } from "graphql-yoga";

const typeDefs = /* GraphQL */ `
  scalar Quantity
  enum AvailabilityStatus {
    IN_STOCK
    LIMITED_AVAILABILITY
    BACK_ORDER
    PRE_ORDER
    OUT_OF_STOCK
    SOLD_OUT
    DISCONTINUED
  }
  enum GoogleAvailability {
    in_stock
    out_of_stock
    preorder
    backorder
  }
  type Message {
    code: String!
  }
  type Availability {
    sku: ID!
    quantity: Quantity
    status: AvailabilityStatus!
    version: Int!
    canFulfil: Boolean!
    googleAvailability: GoogleAvailability!
    message: Message!
  }
  type Query {
    availability(skus: [ID!]!): [Availability!]!
  }
`;

const answers = new Map();
for (const answer of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  answers.set(answer.sku, answer);
}

const yoga = createYoga({
  schema: createSchema({
    typeDefs,
    resolvers: {
      Query: { availability: (_, { skus }) => skus.map((sku) => answers.get(sku)) },
    },
  }),
  graphiql: false,
  landingPage: false,
  logging: false,
  cors: false,
  multipart: false,
  batching: false,
});

const server = createServer(yoga);
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}/graphql`);
});
