import type { ReplyDemands, Tool, ToolChoice } from '../text/plan-reply.js';
import { invalidField } from './parse-fields.js';
import { isJsonObject, type JsonObject } from './parse-json-object.js';

const TOOLS_MAX = 128;

/** What a chat demands of its answer: tools (`{type, function}`), the choice among them, and a response format. */
export function parseChatDemands(body: JsonObject): ReplyDemands {
  const tools = listOf('tools', body['tools']).map((tool) => toolOf(isJsonObject(tool['function']) ? tool['function'] : tool));
  const format = body['response_format'] ?? undefined;
  return {
    tools,
    toolChoice: choiceOf(body['tool_choice'], tools),
    parallelTools: body['parallel_tool_calls'] !== false,
    isUsersTurn: isUsersTurn(body['messages']),
    reasons: isEffort(body['reasoning_effort']) || isEffort(effortIn(body['reasoning'])) || isThinkingTemplate(body),
    json: isJsonObject(format)
      ? jsonOf(format['type'], isJsonObject(format['json_schema']) ? format['json_schema'] : {})
      : undefined,
  };
}

/** The same of a response: tools without a level in between, and the format below `text`. */
export function parseResponseDemands(body: JsonObject): ReplyDemands {
  const tools = listOf('tools', body['tools'])
    .filter((tool) => tool['type'] === 'function')
    .map(toolOf);
  const text = isJsonObject(body['text']) ? body['text'] : {};
  const format = isJsonObject(text['format']) ? text['format'] : {};
  return {
    tools,
    toolChoice: choiceOf(body['tool_choice'], tools),
    parallelTools: body['parallel_tool_calls'] !== false,
    isUsersTurn: isUsersTurn(body['input']),
    reasons: isEffort(effortIn(body['reasoning'])),
    json: jsonOf(format['type'], format),
  };
}

/** The same of a message in Anthropic's shape. */
export function parseMessagesDemands(body: JsonObject): ReplyDemands {
  const tools = listOf('tools', body['tools']).map((tool) => toolOf({ ...tool, parameters: tool['input_schema'] }));
  const choice = isJsonObject(body['tool_choice']) ? body['tool_choice'] : {};
  const kind = choice['type'] === 'any' ? 'required' : choice['type'];
  const named = kind === 'tool' ? { function: { name: choice['name'] } } : kind;
  return {
    tools,
    toolChoice: choiceOf(named, tools),
    parallelTools: choice['disable_parallel_tool_use'] !== true,
    isUsersTurn: isUsersTurn(body['messages']),
    reasons: isJsonObject(body['thinking']) && body['thinking']['type'] !== 'disabled',
    json: undefined,
  };
}

function isEffort(effort: unknown): boolean {
  return typeof effort === 'string' && effort !== 'none';
}

function effortIn(reasoning: unknown): unknown {
  return isJsonObject(reasoning) ? reasoning['effort'] : undefined;
}

/** How vLLM and SGLang are asked for thoughts. */
function isThinkingTemplate(body: JsonObject): boolean {
  const template = body['chat_template_kwargs'];
  return isJsonObject(template) && (template['enable_thinking'] === true || template['thinking'] === true);
}

function listOf(name: string, value: unknown): JsonObject[] {
  const items: unknown = value ?? [];
  if (Array.isArray(items) && items.length <= TOOLS_MAX && items.every(isJsonObject)) return items;
  throw invalidField(name, `must be a list of at most ${TOOLS_MAX} objects`);
}

function toolOf(tool: JsonObject): Tool {
  const { name, parameters } = tool;
  if (typeof name !== 'string' || name === '') throw invalidField('tools', 'must hold functions with a name');
  return { name, parameters: parameters ?? {} };
}

function choiceOf(value: unknown, tools: readonly Tool[]): ToolChoice {
  if (value === undefined || value === null) return { kind: tools.length === 0 ? 'none' : 'auto' };
  if (value === 'none' || value === 'auto' || value === 'required') return { kind: value };
  const named = isJsonObject(value) ? (isJsonObject(value['function']) ? value['function'] : value) : {};
  if (typeof named['name'] !== 'string') throw invalidField('tool_choice', 'must be none, auto, required, or name a function');
  if (!tools.some(({ name }) => name === named['name'])) throw invalidField('tool_choice', 'must name one of the tools');
  return { kind: 'named', name: named['name'] };
}

function jsonOf(type: unknown, holder: JsonObject): ReplyDemands['json'] {
  if (type === 'json_object') return { schema: undefined };
  return type === 'json_schema' ? { schema: holder['schema'] ?? {} } : undefined;
}

/** False once a tool has answered: then it is time for words. */
function isUsersTurn(messages: unknown): boolean {
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
  if (!isJsonObject(last)) return true;
  if (last['role'] === 'tool' || last['type'] === 'function_call_output') return false;
  const parts: unknown = last['content'];
  return !Array.isArray(parts) || !parts.some((part) => isJsonObject(part) && part['type'] === 'tool_result');
}
