/** In seconds. It bounds how long a right that was taken away may last in a client's hands, where the store isn't asked again. */
export const tokenLifetime = 300;
