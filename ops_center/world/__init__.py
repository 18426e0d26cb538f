"""The model city that all feeds observe, so that a crash is seen by loops, cameras and vehicles alike."""
