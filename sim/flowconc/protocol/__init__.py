"""What Kestra does: pure rules of slots, queue, triggers and lifecycle."""
