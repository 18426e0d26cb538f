"""What leaves the center: mail, webhooks, a drop folder, pages. Planned and sent by ``run.py notify``."""
