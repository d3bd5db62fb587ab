/** In seconds: when to ask again for what the hub cannot do now, because its database or its disk cannot. */
export const retryAfter = '2';
