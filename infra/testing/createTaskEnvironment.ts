/** What the process of createTask needs to start; there is nothing at the addresses. */
export const createTaskEnvironment = {
  DATABASE_URL: 'postgres://user:password@localhost/db',
  JWKS_URL: 'http://127.0.0.1:9/jwks.json',
  JWT_ISSUER: 'issuer',
  JWT_AUDIENCE: 'audience',
  DAPR_HTTP_ENDPOINT: 'http://127.0.0.1:9',
  DAPR_API_TOKEN: 'token',
};
