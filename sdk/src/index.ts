export * from './api/schema.ts'
export * from './generated/index.ts'
