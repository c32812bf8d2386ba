/**
 * Every question the storefront asks the hub, in one place.
 * `npm run codegen` turns them into typed documents in `src/gql/`.
 */
import { graphql } from "../gql";

/** What a badge needs: the words, the number and how fresh they are. */
graphql(`
  fragment StockLine on Availability {
    sku
    channel
    quantity
    band
    status
    version
    asOf
    nextSupplyAt
    message {
      code
      text(locale: "en-GB")
    }
  }
`);

/** A stock line together with the sum behind it. */
graphql(`
  fragment StockDetail on Availability {
    ...StockLine
    limitingReason
    limitingRule
    components {
      sku
      perKit
      availableToOrder
    }
    breakdown {
      onHand
      unavailable
      allocated
      reserved
      backordered
      safetyStock
      availableToSell
      availableToOrder
      incoming
      shortfall
      locations {
        location
        onHand
        unavailable
        allocated
        reserved
        safetyStock
        safetyStockRule
        availableToSell
        incoming
        shortfall
      }
    }
  }
`);

graphql(`
  fragment ItemStockLine on Item {
    __typename
    availability(scope: $scope) {
      ...StockLine
    }
  }
`);

graphql(`
  fragment ItemStockDetail on Item {
    __typename
    availability(scope: $scope) {
      ...StockDetail
    }
  }
`);

graphql(`
  fragment ItemFacts on Item {
    sku
    name
    family
    category
    unit
    discontinued
    attributes
  }
`);

graphql(`
  fragment Hold on Reservation {
    id
    state
    channel
    order
    version
    expiresAt
    remainingSeconds
    endedReason
    lines {
      sku
      location
      quantity
      item {
        ...ItemFacts
      }
    }
  }
`);

/** The channels; an answer asked for without a scope tells which of them is the default. */
export const PlacesQuery = graphql(`
  query Places {
    unscoped: items(first: 1) {
      edges {
        cursor
        node {
          sku
          availability {
            channel
            version
            asOf
          }
        }
      }
    }
    channels {
      id
      name
      locale
      currency
      locations {
        id
        name
        country
      }
    }
  }
`);

export const ItemsQuery = graphql(`
  query Items($first: Int!, $after: String, $filter: ItemFilter, $scope: ScopeInput) {
    items(first: $first, after: $after, filter: $filter) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        cursor
        node {
          ...ItemFacts
          ...ItemStockLine
        }
      }
    }
  }
`);

export const ItemQuery = graphql(`
  query Item($sku: ID!, $scope: ScopeInput) {
    item(sku: $sku) {
      ...ItemFacts
      ...ItemStockDetail
      variants(first: 100) {
        ...ItemFacts
        ...ItemStockDetail
      }
    }
  }
`);

/** Badges of a list: one subscription for all that is on the page. */
export const StockLinesSubscription = graphql(`
  subscription StockLines($skus: [ID!]!, $scope: ScopeInput) {
    availability(skus: $skus, scope: $scope) {
      kind
      availability {
        ...StockLine
      }
    }
  }
`);

/** The same for a product page, with the sum behind each number. */
export const StockDetailsSubscription = graphql(`
  subscription StockDetails($skus: [ID!]!, $scope: ScopeInput) {
    availability(skus: $skus, scope: $scope) {
      kind
      availability {
        ...StockDetail
      }
    }
  }
`);

export const HoldSubscription = graphql(`
  subscription HoldChanges($id: ID!) {
    reservation(id: $id) {
      ...Hold
    }
  }
`);

export const HoldQuery = graphql(`
  query HoldNow($id: ID!) {
    reservation(id: $id) {
      ...Hold
    }
  }
`);

export const ReserveMutation = graphql(`
  mutation Reserve($input: ReserveInput!) {
    reserve(input: $input) {
      __typename
      ... on ReserveSuccess {
        reservation {
          ...Hold
        }
      }
      ... on InsufficientStock {
        lines {
          sku
          requested
          available
          band
        }
      }
      ... on HubError {
        code
        message
      }
    }
  }
`);

export const ExtendMutation = graphql(`
  mutation Extend($input: ExtendReservationInput!) {
    extendReservation(input: $input) {
      __typename
      ... on ExtendReservationSuccess {
        reservation {
          ...Hold
        }
      }
      ... on HubError {
        code
        message
      }
    }
  }
`);

export const CommitMutation = graphql(`
  mutation Commit($input: CommitReservationInput!) {
    commitReservation(input: $input) {
      __typename
      ... on CommitReservationSuccess {
        reservation {
          ...Hold
        }
      }
      ... on HubError {
        code
        message
      }
    }
  }
`);

export const ReleaseMutation = graphql(`
  mutation Release($input: ReleaseReservationInput!) {
    releaseReservation(input: $input) {
      __typename
      ... on ReleaseReservationSuccess {
        reservation {
          ...Hold
        }
      }
      ... on HubError {
        code
        message
      }
    }
  }
`);
