import { errorBody } from '@ecolink/contracts';
import { podErrorText } from '../../relay/pod-error.js';
import type { ErrorShape } from '../api.js';

/** `{"error":{"message","type","code","param"}}`, in streams as a frame without a name. */
export const OPENAI_ERRORS: ErrorShape = {
  body: (refusal) => JSON.stringify(errorBody(refusal)),
  ofPod: podErrorText,
  // A frame of several data lines is one error text; as one line it is one frame again.
  frame: (body) => `data: ${body.replaceAll('\n', ' ')}\n\n`,
};
