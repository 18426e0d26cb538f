"""What people look at: Dash pages on FastAPI, and the data plane that feeds them (``stream/``)."""
