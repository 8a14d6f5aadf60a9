import type { ChatCompletionChunk, ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import { type Problem, problemOf, toProblem } from '../../../api/problem.js';
import { type CallHead, callModel, headOf, isAbort, problemIn } from '../call.js';
import type { ChatRequest } from './chat-request.js';
import type { ToolCall } from './turn.js';

export interface ChatEvents {
  readonly onHead: (head: CallHead) => void;
  readonly onText: (text: string, isReasoning: boolean) => void;
  readonly onToolCalls: (calls: readonly ToolCall[]) => void;
}

export interface ChatEnd {
  readonly kind: 'done' | 'stopped' | 'failed';
  readonly problem: Problem | null;
  readonly usage: { readonly input: number; readonly output: number } | null;
}

/** Streams one answer; resolves when it is over, however it ended. Nothing is thrown. */
export async function streamChat(request: ChatRequest, signal: AbortSignal, events: ChatEvents): Promise<ChatEnd> {
  let usage: ChatEnd['usage'] = null;
  const calls: Call[] = [];
  try {
    const params = {
      ...request,
      stream: true,
      stream_options: { include_usage: true },
    } as unknown as ChatCompletionCreateParamsStreaming;
    const { data, response } = await callModel((client) => client.chat.completions.create(params, { signal }).withResponse());
    events.onHead(headOf(response));
    for await (const chunk of data) {
      const refused = errorFrame(chunk);
      if (refused !== undefined) return { kind: 'failed', problem: refused, usage };
      if (chunk.usage) usage = { input: chunk.usage.prompt_tokens, output: chunk.usage.completion_tokens };
      const delta = chunk.choices[0]?.delta;
      if (delta !== undefined) tell(delta, calls, events);
    }
    // An abort ends the loop without an error.
    return { kind: signal.aborted ? 'stopped' : 'done', problem: null, usage };
  } catch (thrown) {
    if (isAbort(thrown) || signal.aborted) return { kind: 'stopped', problem: null, usage };
    return { kind: 'failed', problem: toProblem(problemIn(thrown)), usage };
  }
}

interface Call {
  name: string;
  arguments: string;
}

type Delta = ChatCompletionChunk.Choice.Delta;

function tell(delta: Delta, calls: Call[], events: ChatEvents): void {
  const reasoning = reasoningIn(delta);
  if (reasoning !== '') events.onText(reasoning, true);
  if (typeof delta.content === 'string' && delta.content !== '') events.onText(delta.content, false);
  if (delta.tool_calls === undefined) return;
  for (const part of delta.tool_calls) {
    const call = (calls[part.index] ??= { name: '', arguments: '' });
    call.name += part.function?.name ?? '';
    call.arguments += part.function?.arguments ?? '';
  }
  events.onToolCalls(calls.filter(Boolean).map((call) => ({ ...call })));
}

/** A failure after the first byte comes as a frame in the stream. */
function errorFrame(chunk: ChatCompletionChunk): Problem | undefined {
  if (!('error' in chunk)) return undefined;
  return problemOf({ status: 502, headers: new Headers() }, chunk);
}

function reasoningIn(delta: object): string {
  const { reasoning_content: content, reasoning } = delta as { reasoning_content?: unknown; reasoning?: unknown };
  return typeof content === 'string' ? content : typeof reasoning === 'string' ? reasoning : '';
}
