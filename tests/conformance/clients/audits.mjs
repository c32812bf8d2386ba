/** The audits of GraphQL over HTTP that the graphql-http package brings for servers. */
import { serverAudits } from "graphql-http";

const [url] = process.argv.slice(2);

const results = await Promise.all(serverAudits({ url }).map((audit) => audit.fn()));
console.log(
  JSON.stringify(
    results.map(({ id, name, status, ...result }) => ({
      id,
      name,
      status,
      reason: result.reason ?? null,
    })),
  ),
);
