/**
 * Every question the control room asks the hub, in one place.
 * `npm run codegen` turns them into typed documents in `src/control/gql/`.
 */
import { graphql } from "./gql";

/** Why the hub did not do what it was asked for. */
graphql(`
  fragment Refused on HubError {
    code
    message
  }
`);

/** What waits for a person, by source: the numbers of the rail and of the list of sources. */
export const WaitingQuery = graphql(`
  query Waiting {
    quarantine(first: 100) {
      edges {
        node {
          id
          source
        }
      }
      pageInfo {
        hasNextPage
      }
    }
    deadLetters(first: 100) {
      edges {
        node {
          id
          source
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

export const SourcesQuery = graphql(`
  query Sources {
    sources {
      name
      format
      version
      updatedAt
      updatedBy
      configuration
      health {
        state
        since
        lastHeardAt
        lastFailedAt
        problem
        notBefore
        withhold
      }
    }
  }
`);

export const DeliveriesQuery = graphql(`
  query Deliveries($source: ID!, $state: [SourceDeliveryState!], $first: Int!) {
    deliveries(source: $source, state: $state, first: $first) {
      edges {
        node {
          id
          senderId
          receivedAt
          mediaType
          size
          state
          report {
            accepted
            duplicates
            refused
          }
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

export const DeliveryQuery = graphql(`
  query Delivery($id: ID!) {
    delivery(id: $id) {
      id
      payload
      size
      report {
        accepted
        duplicates
        refused
        findings {
          severity
          code
          problem
          line
          column
        }
      }
    }
  }
`);

export const QuarantineQuery = graphql(`
  query Quarantine($first: Int!) {
    quarantine(first: $first) {
      edges {
        node {
          id
          source
          name
          rows
          leftOut
          refused
          asOf
          receivedAt
          report {
            rail
            limit
            actual
            problem
          }
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

export const SnapshotChangesQuery = graphql(`
  query SnapshotChanges($id: ID!, $first: Int!, $rail: String) {
    snapshotChanges(id: $id, first: $first, rail: $rail) {
      line
      sku
      location
      before
      after
      itemExists
    }
  }
`);

export const ApproveMutation = graphql(`
  mutation Approve($input: ApproveSnapshotInput!) {
    approveSnapshot(input: $input) {
      __typename
      ...Refused
    }
  }
`);

export const RejectMutation = graphql(`
  mutation Reject($input: RejectSnapshotInput!) {
    rejectSnapshot(input: $input) {
      __typename
      ...Refused
    }
  }
`);

export const LettersQuery = graphql(`
  query Letters($first: Int!, $filter: DeadLetterFilter, $state: [DeadLetterState!]) {
    deadLetters(first: $first, filter: $filter, state: $state) {
      edges {
        node {
          id
          source
          eventId
          type
          state
          errorCode
          error
          attempts
          failedAt
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

export const LetterQuery = graphql(`
  query Letter($id: ID!) {
    deadLetter(id: $id) {
      id
      source
      eventId
      type
      state
      payload
      editedPayload
      errorCode
      error
      attempts
      receivedAt
      failedAt
      history {
        step
        at
        actor
        attempt
        errorCode
        error
        reason
      }
    }
  }
`);

export const RequeueMutation = graphql(`
  mutation Requeue($input: RequeueDeadLetterInput!) {
    requeueDeadLetter(input: $input) {
      __typename
      ...Refused
    }
  }
`);

export const EditMutation = graphql(`
  mutation Edit($input: EditDeadLetterInput!) {
    editDeadLetter(input: $input) {
      __typename
      ...Refused
    }
  }
`);

export const DiscardMutation = graphql(`
  mutation Discard($input: DiscardDeadLetterInput!) {
    discardDeadLetter(input: $input) {
      __typename
      ...Refused
    }
  }
`);

export const RequeueManyMutation = graphql(`
  mutation RequeueMany($input: RequeueDeadLettersInput!) {
    requeueDeadLetters(input: $input) {
      __typename
      ... on RequeueDeadLettersSuccess {
        count
        left
      }
      ...Refused
    }
  }
`);

export const DiscardManyMutation = graphql(`
  mutation DiscardMany($input: DiscardDeadLettersInput!) {
    discardDeadLetters(input: $input) {
      __typename
      ... on DiscardDeadLettersSuccess {
        count
        left
      }
      ...Refused
    }
  }
`);
