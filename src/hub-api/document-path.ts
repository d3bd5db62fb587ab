/** Where the hub's OpenAPI document is. */
export const apiDocumentPath = '/api/openapi.json';
