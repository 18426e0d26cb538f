"""Use cases above the adapters: registration, replay, jobs, and keeping the processes of one machine alive."""
