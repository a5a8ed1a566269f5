// Runs in the browser, after swagger-ui-bundle.js.
SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  displayOperationId: true,
  // The standard one sends the document to a validator on the internet.
  validatorUrl: null,
});
