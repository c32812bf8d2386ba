/** The operations that each client sends. */

export const ASK = `query Ask($skus: [ID!]!) {
  availability(skus: $skus) { sku quantity }
}`;

export const RESERVE = `mutation Reserve($input: ReserveInput!) {
  reserve(input: $input) {
    ... on ReserveSuccess { reservation { id state } }
    ... on HubError { code message }
  }
}`;

export const RELEASE = `mutation Release($input: ReleaseReservationInput!) {
  releaseReservation(input: $input) {
    ... on ReleaseReservationSuccess { reservation { id state } }
    ... on HubError { code message }
  }
}`;

export const WATCH = `subscription Watch($skus: [ID!]!) {
  availability(skus: $skus) { kind availability { sku quantity } }
}`;

export const FOLLOW = `subscription Follow($id: ID!) {
  reservation(id: $id) { id state }
}`;
