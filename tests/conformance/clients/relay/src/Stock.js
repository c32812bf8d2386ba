/** What a shop built with Relay asks for: read by the Relay compiler, not run. */
import { graphql } from "relay-runtime";

graphql`
  fragment Stock_availability on Availability {
    sku
    quantity
    status
    version
    message {
      text
    }
  }
`;

graphql`
  fragment Stock_items on Query
  @refetchable(queryName: "StockItemsPaginationQuery")
  @argumentDefinitions(
    first: { type: "Int", defaultValue: 24 }
    after: { type: "String" }
    filter: { type: "ItemFilter" }
  ) {
    items(first: $first, after: $after, filter: $filter) @connection(key: "Stock_items") {
      edges {
        node {
          sku
          name
          availability {
            ...Stock_availability
          }
        }
      }
    }
  }
`;

graphql`
  query StockPageQuery($first: Int!, $filter: ItemFilter) {
    ...Stock_items @arguments(first: $first, filter: $filter)
  }
`;

graphql`
  query StockAskQuery($skus: [ID!]!) {
    availability(skus: $skus) {
      sku
      quantity
    }
  }
`;

graphql`
  mutation StockReserveMutation($input: ReserveInput!) {
    reserve(input: $input) {
      ... on ReserveSuccess {
        reservation {
          id
          state
        }
      }
      ... on HubError {
        code
        message
      }
    }
  }
`;

graphql`
  mutation StockReleaseMutation($input: ReleaseReservationInput!) {
    releaseReservation(input: $input) {
      ... on ReleaseReservationSuccess {
        reservation {
          id
          state
        }
      }
      ... on HubError {
        code
        message
      }
    }
  }
`;

graphql`
  subscription StockWatchSubscription($skus: [ID!]!) {
    availability(skus: $skus) {
      kind
      availability {
        sku
        quantity
        ...Stock_availability
      }
    }
  }
`;

graphql`
  subscription StockFollowSubscription($id: ID!) {
    reservation(id: $id) {
      id
      state
    }
  }
`;
