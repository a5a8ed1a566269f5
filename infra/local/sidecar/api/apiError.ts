/** A refusal of a request, worded as daprd words it. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  readonly errorCode: string;

  constructor(status: number, errorCode: string, message: string) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
  }
}

/** An unknown path: daprd takes it for a service invocation without an app id. */
export function unknownPath(): ApiError {
  const message = 'failed getting app id either from the URL path or the header dapr-app-id';
  return new ApiError(404, 'ERR_DIRECT_INVOKE', message);
}

/** The app was not invoked, or gave no answer. */
export function invokeFailed(appId: string, reason: string): ApiError {
  return new ApiError(500, 'ERR_DIRECT_INVOKE', `failed to invoke, id: ${appId}, err: ${reason}`);
}

/** There is no state component of this name, or none at all. */
export function stateStoreNotFound(name: string, anyConfigured: boolean): ApiError {
  return anyConfigured
    ? new ApiError(400, 'ERR_STATE_STORE_NOT_FOUND', `state store ${name} is not found`)
    : new ApiError(500, 'ERR_STATE_STORE_NOT_CONFIGURED', `state store ${name} is not configured`);
}

/** The body of a request for state can't be read, or names a key that can't be one. */
export function badStateRequest(reason: string): ApiError {
  return new ApiError(400, 'ERR_MALFORMED_REQUEST', reason);
}

/** The operation of a state transaction is none. */
export function badStateOperation(operation: string): ApiError {
  return new ApiError(400, 'ERR_NOT_SUPPORTED_STATE_OPERATION', `operation type ${operation} not supported`);
}

/** The JSON of a request can't be read. */
export function malformedRequest(reason: string): ApiError {
  return new ApiError(400, 'ERR_MALFORMED_REQUEST', `failed deserializing HTTP body: ${reason}`);
}

/** An output binding does not exist, can't do what is asked, or failed. */
export function bindingFailed(name: string, reason: string): ApiError {
  return new ApiError(500, 'ERR_INVOKE_OUTPUT_BINDING', `error invoking output binding ${name}: ${reason}`);
}

/** There is no pub/sub component of this name. */
export function pubsubNotFound(pubsubName: string): ApiError {
  return new ApiError(404, 'ERR_PUBSUB_NOT_FOUND', `pubsub ${pubsubName} is not found`);
}

/** The component's scopes keep the app from this topic. */
export function topicForbidden(topic: string, appId: string): ApiError {
  return new ApiError(403, 'ERR_PUBSUB_FORBIDDEN', `topic ${topic} is not allowed for app id ${appId}`);
}

/** The event came under a CloudEvents media type and is not a JSON object. */
export function notACloudEvent(): ApiError {
  return new ApiError(500, 'ERR_PUBSUB_CLOUD_EVENTS_SER', 'cannot create cloudevent');
}

/** `rawPayload` is not a boolean. */
export function badRawPayload(value: string): ApiError {
  const message = `failed deserializing metadata. Error: rawPayload value must be a valid boolean: actual is '${value}'`;
  return new ApiError(400, 'ERR_PUBSUB_REQUEST_METADATA', message);
}

/** The log did not take the event. */
export function publishFailed(pubsubName: string, topic: string, reason: string): ApiError {
  const message = `error when publishing to topic ${topic} in pubsub ${pubsubName}: ${reason}`;
  return new ApiError(500, PUBLISH_FAILED, message);
}

/** The error code of a publish that failed behind the API, in bulk answers too. */
export const PUBLISH_FAILED = 'ERR_PUBSUB_PUBLISH_MESSAGE';

/** The body of a bulk request can't be read. */
export function badBulkRequest(pubsubName: string, topic: string, reason: string): ApiError {
  const message = `error when unmarshaling the request for topic ${topic} pubsub ${pubsubName}: ${reason}`;
  return new ApiError(400, 'ERR_PUBSUB_EVENTS_SER', message);
}

/** An entry of a bulk request has no id, or one that was there before. */
export function badBulkEntryId(pubsubName: string, topic: string): ApiError {
  const message =
    `error marshaling events to bytes for topic ${topic} pubsub ${pubsubName}. ` +
    'error: entryId is duplicated or not present for entry';
  return new ApiError(400, 'ERR_PUBSUB_EVENTS_SER', message);
}

/** An entry's event is not what its content type says. */
export function badBulkEvent(pubsubName: string, topic: string): ApiError {
  const message =
    `error when marshalling cloud event envelope for topic ${topic} pubsub ${pubsubName}: ` +
    'error: mismatch between contentType and event';
  return new ApiError(400, 'ERR_PUBSUB_EVENTS_SER', message);
}

/** A job is named in the body too. */
export function jobTwiceNamed(): ApiError {
  return new ApiError(400, 'DAPR_SCHEDULER_JOB_NAME', 'Set the job name in the url only');
}

/** A job has no name, or one with a separator in it. */
export function jobNameEmpty(): ApiError {
  return new ApiError(400, 'DAPR_SCHEDULER_JOB_NAME_EMPTY', 'Name is empty');
}

/** A job has neither a due time nor a schedule. */
export function jobNotTimed(): ApiError {
  return new ApiError(400, 'DAPR_SCHEDULER_SCHEDULE_EMPTY', 'Schedule is empty');
}

/** The body of a request to set a job is too large to be read, or for what is behind the API. */
export function jobTooLarge(reason: 'read' | 'kept'): ApiError {
  return reason === 'read'
    ? new ApiError(400, 'ERR_BODY_READ', 'failed to read request body: stream too large')
    : new ApiError(429, JOB_NOT_SCHEDULED, 'failed to schedule job due to: trying to send message larger than max');
}

/** The scheduler does not take a job. */
export function jobNotScheduled(reason: string): ApiError {
  return new ApiError(500, JOB_NOT_SCHEDULED, `failed to schedule job due to: ${reason}`);
}

/** There is a job of this name, and it was not to be replaced. */
export function jobExists(name: string): ApiError {
  return new ApiError(409, JOB_NOT_SCHEDULED, `failed to schedule job due to: job already exists: '${name}'`);
}

const JOB_NOT_SCHEDULED = 'DAPR_SCHEDULER_SCHEDULE_JOB';

/** There is no job of this name, or there can't be one. */
export function jobNotGot(reason: string): ApiError {
  return new ApiError(500, 'DAPR_SCHEDULER_GET_JOB', `failed to get job due to: ${reason}`);
}

/** There can't be a job of this name. */
export function jobNotDeleted(reason: string): ApiError {
  return new ApiError(500, 'DAPR_SCHEDULER_DELETE_JOB', `failed to delete job due to: ${reason}`);
}
