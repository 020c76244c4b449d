import type { INode } from 'n8n-workflow';

/** Whether an AI agent runs the node as a tool: n8n then adds a suffix to its type. */
export const isTool = ({ type }: Pick<INode, 'type'>): boolean => type.endsWith('Tool');
