import { errorBody } from '@ecolink/contracts';
import { isObject } from './metering/usage-reading.js';

/** A model server's error object in the shape that clients parse; its own text is kept where it has that shape already. */
export function podErrorText(text: string): string {
  const value = parse(text);
  if (!isObject(value)) return errorText('the model server reported an error');
  const { error, message } = value;
  if (isObject(error)) return text;
  return errorText([error, message].find((one) => typeof one === 'string') ?? 'the model server reported an error');
}

function errorText(message: string): string {
  return JSON.stringify(errorBody({ code: 'upstream_error', message }));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
