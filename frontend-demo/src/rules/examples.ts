/** The three things to try first in GraphiQL: ask, reserve, watch. */

function ask(skus: string): string {
  return `# Can I have it, how many, and why?
query Ask {
  availability(skus: ${skus}) {
    sku
    status
    quantity
    message { text }
    nextSupplyAt
    breakdown {
      onHand
      reserved
      allocated
      safetyStock
      availableToSell
    }
  }
}
`;
}

function reserve(sku: string): string {
  return `# Holds one unit for a minute. The tab Watch sees it go and come back.
mutation Reserve {
  reserve(
    input: {
      lines: [{ sku: ${sku}, quantity: 1 }]
      ttlSeconds: 60
    }
  ) {
    __typename
    ... on ReserveSuccess {
      reservation {
        id
        state
        expiresAt
        lines { sku location quantity }
      }
    }
    ... on InsufficientStock {
      lines { sku requested available }
    }
    ... on HubError { code message }
  }
}
`;
}

function watch(skus: string): string {
  return `# First the snapshot, then every change.
subscription Watch {
  availability(skus: ${skus}) {
    kind
    availability {
      sku
      quantity
      status
      version
      asOf
    }
  }
}
`;
}

/** The tabs, with items that exist written into them. */
export function exampleTabs(skus: readonly string[]): { query: string }[] {
  const known = skus.length > 0 ? skus : ["SKU"];
  const list = `[\n${known.map((sku) => `    ${JSON.stringify(sku)}\n`).join("")}  ]`;
  return [
    { query: ask(list) },
    { query: reserve(JSON.stringify(known[0])) },
    { query: watch(list) },
  ];
}
