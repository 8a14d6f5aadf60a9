import type { ChatSettings, Turn } from './turn.js';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string | readonly ContentPart[];
}

type ContentPart =
  { readonly type: 'text'; readonly text: string } | { readonly type: 'image_url'; readonly image_url: { readonly url: string } };

export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly temperature?: number;
  readonly top_p?: number;
  readonly max_tokens?: number;
  readonly frequency_penalty?: number;
  readonly presence_penalty?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly response_format?: { readonly type: 'json_object' };
  readonly tools?: readonly {
    readonly type: 'function';
    readonly function: { readonly name: string; readonly description: string; readonly parameters: Record<string, unknown> };
  }[];
}

/** Exactly what is sent, and what "View code" shows: parameters that were not set are left to the model server. */
export function chatRequest(model: string, settings: ChatSettings, turns: readonly Turn[]): ChatRequest {
  const optional = {
    temperature: settings.temperature,
    top_p: settings.topP,
    max_tokens: settings.maxTokens,
    frequency_penalty: settings.frequencyPenalty,
    presence_penalty: settings.presencePenalty,
    seed: settings.seed,
  };
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== null)) as Partial<
    Record<keyof typeof optional, number>
  >;
  const tools = settings.tools.filter(({ enabled }) => enabled);
  return {
    model,
    messages: messagesOf(settings.system, turns),
    ...given,
    ...(settings.stop.length > 0 ? { stop: settings.stop } : {}),
    ...(settings.format === 'json_object' ? { response_format: { type: 'json_object' as const } } : {}),
    ...(tools.length > 0
      ? {
          tools: tools.map(({ name, description, parameters }) => ({
            type: 'function' as const,
            function: { name, description, parameters: schemaOf(parameters) },
          })),
        }
      : {}),
  };
}

function messagesOf(system: string, turns: readonly Turn[]): ChatMessage[] {
  const messages: ChatMessage[] = system.trim() === '' ? [] : [{ role: 'system', content: system }];
  for (const turn of turns) {
    if (turn.kind === 'answer') {
      if (turn.text !== '') messages.push({ role: 'assistant', content: turn.text });
    } else if (turn.images.length === 0) messages.push({ role: 'user', content: turn.text });
    else {
      const images = turn.images.map((url): ContentPart => ({ type: 'image_url', image_url: { url } }));
      messages.push({ role: 'user', content: [{ type: 'text', text: turn.text }, ...images] });
    }
  }
  return messages;
}

function schemaOf(typed: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(typed);
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // The form says so; an empty schema takes no arguments.
  }
  return { type: 'object', properties: {} };
}
